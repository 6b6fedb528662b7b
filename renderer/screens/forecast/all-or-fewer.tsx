/** Shows all of what only the first are shown of, and back; one button, so that the focus stays. */
import { Button } from '../../components/button.tsx';
import { forecastStrings } from '../../strings/forecast.ts';

interface AllOrFewerProps {
  readonly all: boolean;
  readonly count: number;
  readonly onChange: (all: boolean) => void;
}

export const AllOrFewer = ({ all, count, onChange }: AllOrFewerProps) => (
  <Button kind="link" onPress={() => onChange(!all)}>
    {all ? forecastStrings.fewer : forecastStrings.all(count)}
  </Button>
);
