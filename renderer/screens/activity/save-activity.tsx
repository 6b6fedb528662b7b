/** Saves the requests that are chosen, also those that are not shown, as a file that the page itself makes. */
import { csvHead, csvLine } from '../../../shared/activity.ts';
import { type ActivityEntry, MOST_ACTIVITY } from '../../../shared/contract/activity.ts';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { RouteBody } from '../../../shared/contract/routes.ts';
import { Button } from '../../components/button.tsx';
import { ProblemNote } from '../../components/note.tsx';
import type { Clock } from '../../state/clock.ts';
import { useSurroundings } from '../../state/surroundings.ts';
import { useAction } from '../../state/use-action.ts';
import { activityStrings } from '../../strings/activity.ts';

const formats = {
  csv: {
    type: 'text/csv',
    write: (entries: readonly ActivityEntry[]) =>
      [csvHead, ...entries.map(csvLine), ''].join('\r\n'),
  },
  json: {
    type: 'application/json',
    write: (entries: readonly ActivityEntry[]) => `${JSON.stringify(entries, null, 2)}\n`,
  },
} as const;
type Format = keyof typeof formats;

const all = (client: ControlClient, wish: RouteBody<'activity'>) =>
  client.activity({ ...wish, limit: MOST_ACTIVITY });

export const SaveActivity = ({ wish }: { readonly wish: RouteBody<'activity'> }) => {
  const { clock } = useSurroundings();
  const asking = useAction(all);
  const save = async (format: Format): Promise<void> => {
    const reply = await asking.run(wish);
    if (reply !== undefined) handOut(format, reply.entries.toReversed(), clock);
  };
  return (
    <>
      <div className="buttons" role="group" aria-label={activityStrings.save}>
        {(['csv', 'json'] as const).map((format) => (
          <Button key={format} busy={asking.busy} onPress={() => void save(format)}>
            {activityStrings[format]}
          </Button>
        ))}
      </div>
      {asking.problem !== undefined && <ProblemNote problem={asking.problem} urgent />}
    </>
  );
};

/** The browser has taken the file over long before, ms. */
const TAKEN = 60_000;

const handOut = (format: Format, entries: readonly ActivityEntry[], clock: Clock): void => {
  const { type, write } = formats[format];
  const address = URL.createObjectURL(new Blob([write(entries)], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = `drawbridge-activity.${format}`;
  link.click();
  clock.after(TAKEN, () => URL.revokeObjectURL(address));
};
