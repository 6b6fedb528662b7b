/** A program that has failed too often is started once more, for a person who may have mended it. */
import type { ControlClient } from '../../../shared/contract/client.ts';
import { Button } from '../../components/button.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { useAction } from '../../state/use-action.ts';
import { strings } from '../../strings.ts';

/** Whether it runs then is told by the next snapshot. */
const look = (client: ControlClient, server: string) => client.examine({ server });

export const TryAgain = ({ server }: { readonly server: string }) => {
  const looking = useAction(look);
  const words = strings.local.again;
  return (
    <>
      <div className="buttons">
        <Button busy={looking.busy} onPress={() => void looking.run(server)}>
          {looking.busy ? words.busy : words.button}
        </Button>
      </div>
      {looking.problem !== undefined && <ProblemNote problem={looking.problem} urgent />}
    </>
  );
};
