/** The top of every screen. */
import icon from '../../assets/icon.svg';
import { strings } from '../strings.ts';

export const Header = () => (
  <header className="header">
    <img className="header-mark" src={icon} alt="" width={36} height={36} />
    <div>
      <h1 className="header-title">{strings.product}</h1>
      <p className="header-tagline">{strings.tagline}</p>
    </div>
  </header>
);
