/** A link to a page of a sign-in service, which opens apart from this one. */
import type { ReactNode, Ref } from 'react';
import { Icon } from '../../components/icon.tsx';

interface PageLinkProps {
  /** As `pageAddress` gives it, hence never a script. */
  readonly address: string;
  readonly children: ReactNode;
  /** Part of a sentence. */
  readonly inText?: boolean;
  readonly ref?: Ref<HTMLAnchorElement>;
}

export const PageLink = ({ address, children, inText = false, ref }: PageLinkProps) => (
  <a
    ref={ref}
    className={inText ? 'text-link' : 'button button-link'}
    href={address}
    target="_blank"
    rel="noopener noreferrer"
  >
    {children}
    {!inText && <Icon name="open" />}
  </a>
);
