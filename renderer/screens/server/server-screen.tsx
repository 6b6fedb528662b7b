/** One server: who is signed in to it, where that stands, what it has, and who asked what of it. */
import { type ComponentType, useState } from 'react';
import type { AccountKey } from '../../../shared/contract/ids.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import type { ServerPart } from '../../state/address.ts';
import { usePlace } from '../../state/use-place.ts';
import { ActivityPart } from './activity-part.tsx';
import { PromptsPart, ResourcesPart, ToolsPart } from './catalogue-parts.tsx';
import { ChooseAccount } from './choose-account.tsx';
import { DetailsPart } from './details-part.tsx';
import { ServerHead } from './server-head.tsx';
import { ServerParts } from './server-parts.tsx';
import { SignInPanel } from './sign-in-panel.tsx';
import { type CatalogueNews, useCatalogueNews } from './use-catalogue.ts';

export interface PartProps {
  readonly server: ServerView;
  readonly account: AccountKey;
  readonly news: CatalogueNews;
}

const parts: Readonly<Record<ServerPart, ComponentType<PartProps>>> = {
  tools: ToolsPart,
  prompts: PromptsPart,
  resources: ResourcesPart,
  activity: ActivityPart,
};

export const ServerScreen = ({ server }: { readonly server: ServerView }) => {
  const [place, go] = usePlace();
  const [chosen, setChosen] = useState(server.defaultAccount);
  // The account may have been removed meanwhile.
  const account = server.accounts.some(({ id }) => id === chosen) ? chosen : server.defaultAccount;
  const isProvider = server.kind === 'identity-provider';
  const Part = place.part === undefined || isProvider ? DetailsPart : parts[place.part];
  const onSettings = (): void =>
    go({ screen: 'servers', server: server.id, settings: true, fromPage: true });
  return (
    <main className="server-page">
      <ServerHead server={server} onSettings={onSettings} />
      <SignInPanel server={server} onSettings={onSettings} />
      {server.accounts.length > 1 && place.part !== 'activity' && (
        <ChooseAccount server={server} account={account} onChoose={setChosen} />
      )}
      <Parts
        key={account}
        server={server}
        account={account}
        part={isProvider ? undefined : place.part}
        Part={Part}
      />
    </main>
  );
};

interface PartsProps {
  readonly server: ServerView;
  readonly account: string;
  readonly part: ServerPart | undefined;
  readonly Part: ComponentType<PartProps>;
}

/** Of one account: with another one, everything begins anew. */
const Parts = ({ server, account: id, part, Part }: PartsProps) => {
  const [account] = useState<AccountKey>({ server: server.id, account: id });
  const news = useCatalogueNews(server, account);
  return (
    <>
      {server.kind !== 'identity-provider' && (
        <ServerParts server={server} part={part} lists={news.lists} />
      )}
      <Part key={part} server={server} account={account} news={news} />
    </>
  );
};
