/** The way from part to part of a server's page, with how many there are of what. */
import type { CatalogueReply } from '../../../shared/contract/catalogue-view.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { hrefOf, type ServerPart, serverParts } from '../../state/address.ts';
import { serverStrings } from '../../strings/server.ts';

interface ServerPartsProps {
  readonly server: ServerView;
  readonly part: ServerPart | undefined;
  readonly lists: CatalogueReply['lists'] | undefined;
}

export const ServerParts = ({ server: { id }, part, lists = [] }: ServerPartsProps) => {
  const words = serverStrings;
  const countOf = (one: ServerPart): number | undefined => {
    const of: readonly string[] = one === 'resources' ? ['resources', 'templates'] : [one];
    const known = lists.filter(({ list }) => of.includes(list));
    return known.length === 0 ? undefined : known.reduce((sum, { count }) => sum + count, 0);
  };
  return (
    <nav className="parts" aria-label={words.parts}>
      <ul>
        {([undefined, ...serverParts] as const).map((one) => {
          const count = one && countOf(one);
          return (
            <li key={one ?? ''}>
              <a
                className="part"
                href={hrefOf({ screen: 'servers', server: id, ...(one && { part: one }) })}
                aria-current={one === part ? 'page' : undefined}
              >
                {one === undefined ? words.details : words.part[one]}
                {count !== undefined && (
                  <span className="part-count">{count.toLocaleString('en')}</span>
                )}
              </a>
            </li>
          );
        })}
      </ul>
    </nav>
  );
};
