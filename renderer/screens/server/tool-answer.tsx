/** What a tool answered: its texts, what else it sent by name and size, and all of it as JSON. */
import { useMemo } from 'react';
import { bytesText } from '../../../shared/activity.ts';
import type { ToolAnswer as Answer } from '../../../shared/contract/tool-call.ts';
import { plainText } from '../../../shared/plain-text.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { Disclosure } from '../../components/disclosure.tsx';
import { ForeignBlock } from '../../components/foreign-block.tsx';
import { ForeignText } from '../../components/foreign-text.tsx';
import { Note } from '../../components/note.tsx';
import { serverStrings } from '../../strings/server.ts';
import { strings } from '../../strings.ts';
import { sentence } from '../../words.ts';
import { type Piece, type Pieces, piecesIn } from './answer-pieces.ts';

const words = serverStrings.call;

export const ToolAnswer = ({ answer }: { readonly answer: Answer }) => {
  const { refused, text, more, declined } = answer;
  const {
    pieces,
    more: others,
    structured,
    raw,
  } = useMemo(() => piecesIn(text, !refused && more === 0), [text, refused, more]);
  const texts = pieces.filter(({ kind }) => kind === 'text');
  const isPlain = pieces.length === 0 && structured === undefined;
  return (
    <section className="answer" aria-label={words.answer}>
      <h4 className="call-title">{words.answer}</h4>
      {pieces.map((piece, place) => (
        <OnePiece key={`${place}`} piece={piece} texts={texts} />
      ))}
      {others > 0 && <p className="fact-from">{words.morePieces(others)}</p>}
      {structured !== undefined && <ForeignBlock title={words.structured} text={structured} code />}
      {more > 0 && <p className="fact-from">{strings.moreCharacters(more)}</p>}
      {declined.map(({ reason }, place) => (
        <Note key={`${place}`} tone="info">
          <p className="note-message">{sentence(reason)}</p>
        </Note>
      ))}
      <Raw raw={raw} open={isPlain} />
      <div className="buttons">
        <CopyButton kind="link" text={text} what={words.answer} words={words.copy} />
      </div>
    </section>
  );
};

const Raw = ({ raw, open }: Pick<Pieces, 'raw'> & { readonly open: boolean }) =>
  open ? (
    <ForeignBlock title={words.raw} text={raw} code />
  ) : (
    <Disclosure words={words.raw}>
      {() => <ForeignBlock title={words.raw} text={raw} code />}
    </Disclosure>
  );

interface OnePieceProps {
  readonly piece: Piece;
  /** All there are, to be counted. */
  readonly texts: readonly Piece[];
}

const OnePiece = ({ piece, texts }: OnePieceProps) => {
  switch (piece.kind) {
    case 'text':
      return (
        <ForeignBlock
          title={words.text(texts.indexOf(piece) + 1, texts.length)}
          text={piece.text}
        />
      );
    case 'resource':
      return <ForeignBlock title={words.resource(plainText(piece.uri, 200))} text={piece.text} />;
    case 'link':
      return (
        <div>
          <p className="muted">{words.link}</p>
          {piece.name !== undefined && <ForeignText text={plainText(piece.name, 200)} />}
          <ForeignText className="fact-text" text={plainText(piece.uri, 2000)} />
        </div>
      );
    default:
      return (
        <p className="muted" dir="auto">
          {words.media(
            words.kinds[piece.kind],
            plainText(piece.mimeType ?? '', 60) || words.unknownType,
            bytesText(piece.bytes),
          )}
        </p>
      );
  }
};
