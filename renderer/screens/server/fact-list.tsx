/** Facts under one another: what each is, and what is known of it. */
import type { ReactNode } from 'react';
import { ForeignText } from '../../components/foreign-text.tsx';
import { isMoment, momentText } from '../../components/moment.ts';

interface FactListProps {
  readonly title: string;
  readonly about?: string;
  readonly children: ReactNode;
}

export const FactCard = ({ title, about, children }: FactListProps) => (
  <section className="section" aria-label={title}>
    <h3 className="section-title">{title}</h3>
    {about !== undefined && <p className="section-about muted">{about}</p>}
    <div className="card facts-card">{children}</div>
  </section>
);

/** Nothing at all where nothing is known. */
export const Fact = ({
  name,
  children,
}: {
  readonly name: string;
  readonly children: ReactNode;
}) =>
  children === undefined || children === null || children === false ? null : (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );

interface FoundProps {
  readonly text: string;
  /** Where it came from, in our words. */
  readonly from?: string | undefined;
}

/** Text that came from elsewhere, and beneath it how we know. */
export const Found = ({ text, from }: FoundProps) => (
  <>
    <ForeignText className="fact-text" text={text} />
    {from !== undefined && <p className="fact-from">{from}</p>}
  </>
);

/** Nothing for a number that no calendar holds. */
export const Moment = ({ at }: { readonly at: number | undefined }) =>
  at === undefined || !isMoment(at) ? null : (
    <time dateTime={new Date(at).toISOString()}>{momentText(at)}</time>
  );

export const hasMoment = (at: number | undefined): at is number => at !== undefined && isMoment(at);
