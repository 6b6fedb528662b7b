/** A part of a screen under a title of its own. */
import type { ReactNode } from 'react';

interface SectionProps {
  readonly title: string;
  /** What it is, in a sentence. */
  readonly about?: ReactNode;
  /** More of it is on its way. */
  readonly isAwaited?: boolean;
  readonly children: ReactNode;
}

export const Section = ({ title, about, isAwaited, children }: SectionProps) => (
  <section className="section" aria-label={title} aria-busy={isAwaited || undefined}>
    <h3 className="section-title">{title}</h3>
    {about !== undefined && <p className="section-about muted">{about}</p>}
    {children}
  </section>
);
