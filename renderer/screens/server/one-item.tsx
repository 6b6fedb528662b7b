/** A prompt, a resource or a template: what its server says of it, to be read and not to be followed. */
import { type ReactNode, useState } from 'react';
import { bytesText } from '../../../shared/activity.ts';
import type { CatalogueItem } from '../../../shared/contract/catalogue-view.ts';
import { plainText } from '../../../shared/plain-text.ts';
import { ForeignText } from '../../components/foreign-text.tsx';
import { Icon } from '../../components/icon.tsx';
import { serverStrings } from '../../strings/server.ts';
import { clip, visibly } from '../../words.ts';
import type { ItemProps } from './catalogue-list.tsx';
import { Fact, Found } from './fact-list.tsx';

type Of<K extends CatalogueItem['kind']> = ItemProps<Extract<CatalogueItem, { kind: K }>>;

const words = serverStrings.catalogue;

interface ItemShellProps {
  readonly item: Pick<CatalogueItem, 'name' | 'title' | 'description'>;
  /** Beside its name. */
  readonly aside?: ReactNode;
  /** Made only once it is opened. */
  readonly children: () => ReactNode;
}

/** Its line, which opens to what is known of it. */
export const ItemShell = ({ item, aside, children }: ItemShellProps) => {
  const [open, setOpen] = useState(false);
  const { name, title, description } = item;
  return (
    <details
      className="item-more"
      open={open}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>
        <Icon name="more" />
        <span className="item-line">
          <span className="item-name">
            <ForeignText text={plainText(title ?? name, 200)} />
            {title !== undefined && title !== name && (
              <ForeignText className="item-id" text={plainText(name, 200)} />
            )}
            {aside}
          </span>
          {!open && description !== undefined && (
            <ForeignText className="item-about" text={plainText(description, 200)} />
          )}
        </span>
      </summary>
      {open && (
        <div className="item-body">
          <p className="fact-from">{serverStrings.fromServer}</p>
          {description === undefined || description === '' ? (
            <p className="muted">{words.noDescription}</p>
          ) : (
            <p className="foreign-lines" dir="auto">
              {visibly(clip(description, LONGEST_TEXT))}
            </p>
          )}
          {children()}
        </div>
      )}
    </details>
  );
};

/** What anybody reads of a description. */
const LONGEST_TEXT = 4000;

export const OnePrompt = ({ item }: Of<'prompt'>) => (
  <ItemShell item={item}>
    {() =>
      item.arguments.length === 0 ? (
        <p className="muted">{words.noArguments}</p>
      ) : (
        <dl className="facts" aria-label={words.arguments}>
          {item.arguments.map(({ name, description, required }, place) => (
            // Servers may name two alike.
            <Fact key={`${place}`} name={words.argument(plainText(name, 60), required)}>
              <span className="foreign-lines" dir="auto">
                {visibly(clip(description ?? words.noDescription, 600))}
              </span>
            </Fact>
          ))}
        </dl>
      )
    }
  </ItemShell>
);

export const OneResource = ({ item }: Of<'resource'>) => (
  <ItemShell item={item}>{() => <Where address={item.uri} {...item} />}</ItemShell>
);

export const OneTemplate = ({ item }: Of<'template'>) => (
  <ItemShell item={item}>{() => <Where address={item.uriTemplate} {...item} />}</ItemShell>
);

interface WhereProps {
  readonly address: string;
  readonly mimeType?: string | undefined;
  readonly size?: number | undefined;
}

const Where = ({ address, mimeType, size }: WhereProps) => (
  <dl className="facts">
    <Fact name={words.address}>
      <Found text={plainText(address, 4096)} />
    </Fact>
    <Fact name={words.type}>{mimeType !== undefined && <Found text={mimeType} />}</Fact>
    <Fact name={words.size}>{size !== undefined && bytesText(size)}</Fact>
  </dl>
);
