/** Where `drawbridge://` links come in: from the system, from a second copy's arguments, and from our own. */
import { app } from 'electron';
import { type Review, readReviewLink } from '../shared/review-link.ts';

export interface ReviewLinks {
  /** From now on `open` is told, first of the link that came before; returns whether there was one. */
  readonly openWith: (open: (review: Review) => void) => boolean;
}

/** Must run before Electron is ready: on macOS the link that started the app comes at once. */
export const takeReviewLinks = (args: readonly string[]): ReviewLinks => {
  let open: ((review: Review) => void) | undefined;
  let waiting = reviewIn(args);

  const take = (review: Review | undefined): void => {
    if (review === undefined) return;
    if (open === undefined) waiting = review;
    else open(review);
  };
  app.on('open-url', (event, link) => {
    event.preventDefault();
    take(readReviewLink(link));
  });
  // What is no link of ours has woken the window all the same: a second start does.
  app.on('second-instance', (_event, secondArgs) => take(reviewIn(secondArgs)));
  return {
    openWith: (opener) => {
      open = opener;
      const before = waiting;
      waiting = undefined;
      if (before !== undefined) opener(before);
      return before !== undefined;
    },
  };
};

/** Links are the app's in its package alone: a clone must not take them away from an installed one. */
export const claimReviewLinks = (): void => {
  // Nothing that stands behind `--` is an option, whatever a link may hold.
  if (app.isPackaged) app.setAsDefaultProtocolClient('drawbridge', process.execPath, ['--']);
};

const reviewIn = (args: readonly string[]): Review | undefined => {
  const links = args.slice(1).filter((arg) => /^drawbridge:/i.test(arg));
  return links.length === 1 ? readReviewLink(links[0] ?? '') : undefined;
};
