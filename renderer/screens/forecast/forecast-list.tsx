/** What is to come, soonest first: what needs the person above what renews itself. */
import { useState } from 'react';
import { ForeignText } from '../../components/foreign-text.tsx';
import { momentText } from '../../components/moment.ts';
import { Section } from '../../components/section.tsx';
import { TimeLeft } from '../../components/time-left.tsx';
import { hrefOf } from '../../state/address.ts';
import { forecastStrings } from '../../strings/forecast.ts';
import { strings } from '../../strings.ts';
import { AllOrFewer } from './all-or-fewer.tsx';
import { type Coming, needsPerson } from './coming.ts';

/** Of what renews itself nobody wants to read hundreds. */
const MOST = 10;

export const ForecastList = ({ events }: { readonly events: readonly Coming[] }) => {
  const [all, setAll] = useState(false);
  const needing = events.filter(needsPerson);
  const renewing = events.filter((event) => !needsPerson(event));
  const words = forecastStrings;
  return (
    <>
      {needing.length > 0 && (
        <Section title={words.needYou}>
          <Events events={needing} />
        </Section>
      )}
      {renewing.length > 0 && (
        <Section title={words.renewing}>
          <Events events={all ? renewing : renewing.slice(0, MOST)} />
          {renewing.length > MOST && (
            <AllOrFewer all={all} count={renewing.length} onChange={setAll} />
          )}
        </Section>
      )}
    </>
  );
};

const Events = ({ events }: { readonly events: readonly Coming[] }) => (
  <ul className="card forecast">
    {events.map((event) => (
      <Event key={event.id} event={event} />
    ))}
  </ul>
);

const Event = ({ event: { key, title, who, what, at, every } }: { readonly event: Coming }) => {
  const renews = what === 'renews';
  const words = forecastStrings;
  return (
    <li className="forecast-event">
      <div className="forecast-whose">
        <p className="forecast-name">
          <a className="forecast-link" href={hrefOf({ screen: 'servers', server: key.server })}>
            <ForeignText text={title} />
          </a>
          {who !== undefined && <ForeignText className="muted" text={who} />}
        </p>
        <p className={renews ? 'forecast-small muted' : 'forecast-small account-warning'}>
          {every === undefined ? words.what[what] : words.every(every)}
        </p>
      </div>
      <div className="forecast-when">
        <p>
          <TimeLeft
            until={at}
            {...(renews && { tip: strings.account.renewsAt, over: words.now })}
          />
        </p>
        <p className="forecast-small muted">{momentText(at)}</p>
      </div>
    </li>
  );
};
