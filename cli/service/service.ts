/** What has the daemon run whenever the person is there: one row a system. */
import { launchd } from './launchd.ts';
import { systemd } from './systemd.ts';

/** Whose service it is, and on what. */
export interface Place {
  readonly home: string;
  readonly user: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What it runs. */
export interface Wish {
  readonly command: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

export interface Service {
  readonly file: (place: Place) => string;
  readonly text: (wish: Wish) => string;
  /** The commands that start it, now and from now on. */
  readonly start: (place: Place, file: string) => readonly (readonly [string, ...string[]])[];
  readonly stop: (place: Place, file: string) => readonly (readonly [string, ...string[]])[];
  /** What to know once it is installed. */
  readonly afterwards: string;
}

export const services: Readonly<Partial<Record<NodeJS.Platform, Service>>> = {
  linux: systemd,
  darwin: launchd,
};
