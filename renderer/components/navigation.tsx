/** The way from screen to screen, and how many accounts need the person, wherever the person is. */
import icon from '../../assets/icon.svg';
import { stateWords } from '../../shared/account-words.ts';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import { hrefOf, screenNames } from '../state/address.ts';
import { usePlace } from '../state/use-place.ts';
import { useSnapshot } from '../state/use-snapshot.ts';
import { strings } from '../strings.ts';
import { Icon } from './icon.tsx';

export const Navigation = () => {
  const [place] = usePlace();
  const snapshot = useSnapshot();
  const words = strings.window;
  return (
    <header className="navigation">
      <h1 className="navigation-product">
        <img src={icon} alt="" width={28} height={28} />
        <span>{strings.product}</span>
      </h1>
      <nav aria-label={words.navigation}>
        <ul>
          {screenNames.map((screen) => (
            <li key={screen}>
              <a
                className="navigation-link"
                href={hrefOf({ screen })}
                aria-current={screen === place.screen ? 'page' : undefined}
              >
                <Icon name={screen} />
                <span className="navigation-words">{words.screens[screen]}</span>
                {screen === 'servers' && <NeedYou count={needing(snapshot)} />}
              </a>
            </li>
          ))}
        </ul>
      </nav>
    </header>
  );
};

const NeedYou = ({ count }: { readonly count: number }) =>
  count === 0 ? null : (
    <span className="navigation-count" title={strings.window.needYou(count)}>
      <span aria-hidden="true">{count}</span>
      <span className="unseen">{strings.window.needYou(count)}</span>
    </span>
  );

const needing = ({ servers }: Snapshot): number =>
  servers
    .flatMap(({ accounts }) => accounts)
    .filter(({ state }) => stateWords[state].mood === 'attention').length;
