/** What a link from elsewhere proposes, for the person to look at: it does nothing by itself. */
import { useEffect, useRef } from 'react';
import { flushSync } from 'react-dom';
import { Button } from '../../components/button.tsx';
import { focusScreen } from '../../components/focus-screen.ts';
import { usePlace } from '../../state/use-place.ts';
import { useProposed } from '../../state/use-proposed.ts';
import { strings } from '../../strings.ts';

export const Review = () => {
  const [proposed, forget] = useProposed();
  const [, go] = usePlace();
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
            go({ screen: 'servers', add: { url: proposed } });
          }}
        >
          {words.look}
        </Button>
        <Button
          onPress={() => {
            flushSync(forget);
            focusScreen();
          }}
        >
          {words.dismiss}
        </Button>
      </div>
    </section>
  );
};
