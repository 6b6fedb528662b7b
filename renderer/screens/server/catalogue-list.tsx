/** One list of what a server has: searched, a page at a time, and since when it is known. */
import { type ComponentType, useId, useState } from 'react';
import type {
  CatalogueItem,
  CatalogueReply,
  CatalogueList as ListName,
} from '../../../shared/contract/catalogue-view.ts';
import type { AccountKey } from '../../../shared/contract/ids.ts';
import { Button } from '../../components/button.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { TimeAgo } from '../../components/time-ago.tsx';
import { serverStrings } from '../../strings/server.ts';
import type { PartProps } from './server-screen.tsx';
import { useCatalogue } from './use-catalogue.ts';

export interface ItemProps<Item extends CatalogueItem = CatalogueItem> {
  readonly item: Item;
  readonly account: AccountKey;
}

interface CatalogueListProps extends PartProps {
  readonly list: ListName;
  readonly title: string;
  readonly Item: ComponentType<ItemProps>;
}

/** Longer ones fit nothing. */
const LONGEST_QUERY = 200;

export const CatalogueList = ({ list, title, Item, account, news }: CatalogueListProps) => {
  const [query, setQuery] = useState('');
  // Where each page begins that was looked at, the present one last: pages of large items are shorter.
  const [begins, setBegins] = useState<readonly number[]>([0]);
  const offset = begins.at(-1) ?? 0;
  const { reply, problem, askAgain } = useCatalogue(account, { list, query, offset }, news);
  const words = serverStrings.catalogue;
  const known = reply?.lists.find((one) => one.list === list);
  return (
    <section className="section catalogue" aria-label={title}>
      <div className="catalogue-head">
        <h3 className="section-title">{title}</h3>
        {known !== undefined && (
          <p className="catalogue-when muted">
            {words.asked} <TimeAgo at={known.at} />
          </p>
        )}
      </div>
      {known?.stale && <p className="section-about account-warning">{words.stale}</p>}
      {problem !== undefined && (
        <ProblemNote problem={problem} urgent>
          <Button onPress={askAgain}>{serverStrings.tryAgain}</Button>
        </ProblemNote>
      )}
      {reply === undefined && problem === undefined && (
        <p className="card server-none muted" role="status">
          {serverStrings.loading}
        </p>
      )}
      {reply !== undefined && known === undefined && (
        <div className="card server-none muted">
          <p>{words.unknown[list]}</p>
          <p className="fact-from">{words.unknownHint}</p>
        </div>
      )}
      {known?.count === 0 && <p className="card server-none muted">{words.none[list]}</p>}
      {reply !== undefined && known !== undefined && known.count > 0 && (
        <>
          <Search
            label={words.search(words.what[list])}
            query={query}
            onChange={(next) => {
              setQuery(next);
              setBegins([0]);
            }}
          />
          {reply.items.length === 0 ? (
            <p className="card server-none muted">{words.noneFit}</p>
          ) : (
            <ul className="card items">
              {reply.items.map((item, place) => (
                <li key={keyOf(item, place, reply.items)} className="item">
                  <Item item={item} account={account} />
                </li>
              ))}
            </ul>
          )}
          <Pages
            reply={reply}
            offset={offset}
            onBack={begins.length > 1 ? () => setBegins(begins.slice(0, -1)) : undefined}
            onNext={(next) => setBegins([...begins, next])}
          />
        </>
      )}
    </section>
  );
};

/** Servers may name two alike; the first of them keeps what is open in it. */
const keyOf = (item: CatalogueItem, place: number, all: readonly CatalogueItem[]): string => {
  const isFirst = all.findIndex(({ name }) => name === item.name) === place;
  return isFirst ? `${item.kind} ${item.name}` : `${item.kind} ${place} ${item.name}`;
};

interface SearchProps {
  readonly label: string;
  readonly query: string;
  readonly onChange: (query: string) => void;
}

const Search = ({ label, query, onChange }: SearchProps) => (
  <input
    className="input"
    type="search"
    aria-label={label}
    placeholder={label}
    autoComplete="off"
    spellCheck={false}
    maxLength={LONGEST_QUERY}
    value={query}
    onChange={({ target }) => onChange(target.value)}
  />
);

interface PagesProps {
  readonly reply: CatalogueReply;
  readonly offset: number;
  readonly onBack: (() => void) | undefined;
  readonly onNext: (offset: number) => void;
}

const Pages = ({ reply: { items, found, next }, offset, onBack, onNext }: PagesProps) => {
  const described = useId();
  const words = serverStrings.catalogue;
  if (items.length === 0) return null;
  return (
    <div className="catalogue-pages">
      <p className="muted" role="status" id={described}>
        {words.shown(offset + 1, offset + items.length, found)}
      </p>
      {(onBack !== undefined || next !== undefined) && (
        <div className="buttons">
          <Button busy={onBack === undefined} describedBy={described} onPress={() => onBack?.()}>
            {words.before}
          </Button>
          <Button
            busy={next === undefined}
            describedBy={described}
            onPress={() => next !== undefined && onNext(next)}
          >
            {words.next}
          </Button>
        </div>
      )}
    </div>
  );
};
