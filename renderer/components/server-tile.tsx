/** By what a server is found at a glance: the picture that it shows of itself, or the first letter of its title. */
import { useState } from 'react';
import { iconPath } from '../../shared/contract/icons.ts';
import type { ServerView } from '../../shared/contract/snapshot.ts';
import { initial } from '../words.ts';

export const ServerTile = ({ icon, title }: Pick<ServerView, 'icon' | 'title'>) => {
  const [broken, setBroken] = useState<string>();
  return (
    <span className="tile" aria-hidden="true" dir="auto">
      {icon === undefined || icon === broken ? (
        initial(title)
      ) : (
        <img
          className="tile-picture"
          src={iconPath(icon)}
          alt=""
          width={36}
          height={36}
          loading="lazy"
          decoding="async"
          draggable={false}
          onError={() => setBroken(icon)}
        />
      )}
    </span>
  );
};
