/** The parts of a server's page that leaf through what it has. */
import type { ComponentType } from 'react';
import { serverStrings } from '../../strings/server.ts';
import { CatalogueList, type ItemProps } from './catalogue-list.tsx';
import { OnePrompt, OneResource, OneTemplate } from './one-item.tsx';
import { OneTool } from './one-tool.tsx';
import type { PartProps } from './server-screen.tsx';

export const ToolsPart = (props: PartProps) => (
  <CatalogueList list="tools" title={serverStrings.part.tools} Item={AnyItem} {...props} />
);

export const PromptsPart = (props: PartProps) => (
  <CatalogueList list="prompts" title={serverStrings.part.prompts} Item={AnyItem} {...props} />
);

export const ResourcesPart = (props: PartProps) => (
  <>
    <CatalogueList
      list="resources"
      title={serverStrings.part.resources}
      Item={AnyItem}
      {...props}
    />
    <CatalogueList
      list="templates"
      title={serverStrings.catalogue.templates}
      Item={AnyItem}
      {...props}
    />
  </>
);

const kinds = {
  tool: OneTool,
  prompt: OnePrompt,
  resource: OneResource,
  template: OneTemplate,
} as const;

const AnyItem = ({ item, account }: ItemProps) => {
  const One = kinds[item.kind] as ComponentType<ItemProps>;
  return <One item={item} account={account} />;
};
