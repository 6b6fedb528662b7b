/** What the pieces of a stretch of time are called, and which of them is the most. */
import { pieces as cut } from '../../../shared/activity-over-time.ts';
import type {
  ActivityReply,
  ActivitySpan,
  ActivitySum,
} from '../../../shared/contract/activity.ts';
import { hourText, weekdayText } from '../../components/moment.ts';
import { activityStrings } from '../../strings/activity.ts';

export type Piece = ActivityReply['pieces'][number];

/** When it began: on which day only where there are several. */
export const fromText = (at: number | undefined, span: ActivitySpan): string => {
  if (at === undefined) return '';
  return span === 'week' ? weekdayText(at) : hourText(at);
};

/** From when to when. */
export const whenText = ({ at }: Piece, span: ActivitySpan): string =>
  activityStrings.over.when(fromText(at, span), hourText(at + cut[span].ms));

export const pieceWords = (piece: Piece, span: ActivitySpan): string =>
  activityStrings.over.piece(whenText(piece, span), piece);

export const shareOf = ({ calls, failed }: ActivitySum): number =>
  calls === 0 ? 0 : failed / calls;

/** The most that any of them comes to, and when that began. */
export const most = (
  pieces: readonly Piece[],
  of: (piece: Piece) => number,
): { readonly value: number; readonly at: number } =>
  pieces.reduce(
    (before, piece) => (of(piece) > before.value ? { value: of(piece), at: piece.at } : before),
    { value: 0, at: 0 },
  );
