/** What a link from elsewhere proposes, for the person to look at: it does nothing by itself. */
import { useEffect, useRef } from 'react';
import { Button } from '../../components/button.tsx';
import { useProposed } from '../../state/use-proposed.ts';
import { strings } from '../../strings.ts';

interface ReviewProps {
  readonly onLook: (url: string) => void;
}

export const Review = ({ onLook }: ReviewProps) => {
  const [proposed, forget] = useProposed();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // Not a button: a person who was typing must not agree to anything.
    if (proposed !== undefined) heading.current?.focus();
  }, [proposed]);
  if (proposed === undefined) return null;
  const words = strings.review;
  return (
    <section className="card review" aria-labelledby="review">
      <h2 id="review" className="card-title" ref={heading} tabIndex={-1}>
        {words.title}
      </h2>
      <p>{words.text}</p>
      {/* The whole of it: what is cut could be what matters. */}
      <p className="review-address" dir="ltr">
        <bdi>{proposed}</bdi>
      </p>
      <div className="buttons">
        <Button
          onPress={() => {
            forget();
            onLook(proposed);
          }}
        >
          {words.look}
        </Button>
        <Button
          onPress={() => {
            forget();
            requestAnimationFrame(() => document.querySelector<HTMLElement>('main h2')?.focus());
          }}
        >
          {words.dismiss}
        </Button>
      </div>
    </section>
  );
};
