/** Servers that a click adds the address of, and one to try everything with. */
import { Button } from '../../components/button.tsx';
import { strings } from '../../strings.ts';
import { knownServers } from './known-servers.ts';

interface WellKnownProps {
  readonly busy: boolean;
  readonly onChoose: (url: string) => void;
  readonly onDemo: () => void;
}

export const WellKnown = ({ busy, onChoose, onDemo }: WellKnownProps) => {
  const words = strings.add.wellKnown;
  return (
    <div className="well-known">
      <p className="muted" id="well-known">
        {words.title}
      </p>
      <ul aria-labelledby="well-known">
        {knownServers.map(({ title, url }) => (
          <li key={url}>
            <Button kind="chip" tip={url} busy={busy} onPress={() => onChoose(url)}>
              <bdi>{title}</bdi>
            </Button>
          </li>
        ))}
      </ul>
      <p className="muted well-known-demo">
        {words.demo}{' '}
        <Button kind="link" busy={busy} onPress={onDemo}>
          {words.tryDemo}
        </Button>
      </p>
    </div>
  );
};
