/** A tool: what its server says of it, and the form to call it by hand. */
import type { CatalogueItem } from '../../../shared/contract/catalogue-view.ts';
import { serverStrings } from '../../strings/server.ts';
import { CallTool } from './call-tool.tsx';
import type { ItemProps } from './catalogue-list.tsx';
import { ItemShell } from './one-item.tsx';

type Tool = Extract<CatalogueItem, { kind: 'tool' }>;

const words = serverStrings.catalogue;

export const OneTool = ({ item, account }: ItemProps<Tool>) => {
  const { readOnly, destructive } = item.hints;
  // What destroys nothing because it changes nothing needs no second word.
  const warns = destructive === true && readOnly !== true;
  return (
    <ItemShell
      item={item}
      aside={
        (readOnly === true || warns) && (
          <span className={warns ? 'badge badge-attention' : 'badge'}>
            {warns ? words.hints.destructive : words.hints.readOnly}
          </span>
        )
      }
    >
      {() => (
        <>
          <Hints hints={item.hints} />
          <CallTool tool={item} account={account} />
        </>
      )}
    </ItemShell>
  );
};

const Hints = ({ hints }: Pick<Tool, 'hints'>) => {
  const said = (Object.keys(words.hints) as (keyof Tool['hints'])[]).filter(
    (name) => hints[name] === true,
  );
  if (said.length === 0) return null;
  return (
    <p className="fact-from">
      {words.hintsAbout} {said.map((name) => words.hints[name]).join('; ')}.
    </p>
  );
};
