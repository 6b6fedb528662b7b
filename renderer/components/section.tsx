/** A part of a screen under a title of its own. */
import type { ReactNode } from 'react';

interface SectionProps {
  readonly title: string;
  /** What it is, in a sentence. */
  readonly about?: ReactNode;
  readonly children: ReactNode;
}

export const Section = ({ title, about, children }: SectionProps) => (
  <section className="section" aria-label={title}>
    <h3 className="section-title">{title}</h3>
    {about !== undefined && <p className="section-about muted">{about}</p>}
    {children}
  </section>
);
