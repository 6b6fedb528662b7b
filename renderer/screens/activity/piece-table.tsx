/** The numbers behind the charts. */
import type { ActivitySpan } from '../../../shared/contract/activity.ts';
import { activityStrings } from '../../strings/activity.ts';
import { fromText, type Piece } from './pieces.ts';

interface PieceTableProps {
  readonly pieces: readonly Piece[];
  readonly span: ActivitySpan;
  readonly summary: string;
}

export const PieceTable = ({ pieces, span, summary }: PieceTableProps) => {
  const { columns, length } = activityStrings.over;
  return (
    <table className="piece-table">
      <caption className="unseen">{summary}</caption>
      <thead>
        <tr>
          {Object.values(columns).map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {pieces.map(({ at, calls, failed, medianMs, p95Ms }) => (
          <tr key={at}>
            <th scope="row">{fromText(at, span)}</th>
            <td>{calls}</td>
            <td>{failed}</td>
            <td>{length(medianMs)}</td>
            <td>{length(p95Ms)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};
