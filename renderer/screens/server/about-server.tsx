/** What a server calls itself and speaks, and what it tells AI clients; and what it goes by here. */
import type { CatalogueReply } from '../../../shared/contract/catalogue-view.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { ForeignBlock } from '../../components/foreign-block.tsx';
import { serverStrings } from '../../strings/server.ts';
import { Fact, FactCard, Found } from './fact-list.tsx';

interface AboutServerProps {
  readonly server: ServerView;
  readonly about: CatalogueReply['about'];
}

export const AboutServer = ({ server, about }: AboutServerProps) => {
  const words = serverStrings.about;
  const { name, title = name, version, protocols = [], instructions } = about ?? {};
  return (
    <>
      <FactCard title={words.about}>
        <dl className="facts">
          <Fact name={words.id}>
            <code>{server.id}</code>
          </Fact>
          {server.command === undefined && (
            <Fact name={words.address}>
              <Found text={server.url} />
            </Fact>
          )}
        </dl>
      </FactCard>
      {about !== undefined && (
        <FactCard title={words.title}>
          <dl className="facts">
            <Fact name={words.name}>{title !== undefined && <Found text={title} />}</Fact>
            <Fact name={words.version}>{version !== undefined && <Found text={version} />}</Fact>
            <Fact name={words.protocols}>
              {protocols.length > 0 && <Found text={protocols.join(', ')} />}
            </Fact>
          </dl>
          {instructions !== undefined && instructions !== '' && (
            <ForeignBlock title={words.instructions} text={instructions} />
          )}
        </FactCard>
      )}
    </>
  );
};
