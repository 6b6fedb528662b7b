/** The way from nothing to a connected AI client, in three steps, each of which can be skipped. */
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { type Step, steps } from '../../state/first-run.ts';
import { useSurroundings } from '../../state/surroundings.ts';
import { usePlace } from '../../state/use-place.ts';
import { strings } from '../../strings.ts';

export interface FirstRunProps {
  readonly step: Step;
  /** What the step is about stands elsewhere, and says enough. */
  readonly isSaid: boolean;
  readonly onSkip: () => void;
}

export const FirstRun = ({ step, isSaid, onSkip }: FirstRunProps) => {
  const [, go] = usePlace();
  const { firstRun } = useSurroundings();
  const words = strings.firstRun;
  const at = steps.indexOf(step);
  return (
    <section className="card first-run" aria-label={words.title}>
      <ol className="first-run-steps">
        {steps.map((one, place) => (
          <li
            key={one}
            className={place < at ? 'first-run-done' : undefined}
            aria-current={one === step ? 'step' : undefined}
          >
            <span className="first-run-number" aria-hidden="true">
              {place < at ? <Icon name="check" /> : place + 1}
            </span>
            {words.steps[one].title}
            {place < at && <span className="unseen">{words.done}</span>}
          </li>
        ))}
      </ol>
      {!isSaid && <p className="muted first-run-text">{words.steps[step].text}</p>}
      <div className={step === 'connect' ? 'buttons first-run-deeds' : 'buttons'}>
        {step === 'connect' && (
          <Button
            kind="primary"
            onPress={() => {
              // That is where it is done.
              firstRun.skip('connect');
              go({ screen: 'ai-clients' });
            }}
          >
            {words.connect}
          </Button>
        )}
        <Button kind={step === 'connect' ? 'plain' : 'link'} onPress={onSkip}>
          {step === 'connect' ? words.close : words.skip}
        </Button>
      </div>
    </section>
  );
};
