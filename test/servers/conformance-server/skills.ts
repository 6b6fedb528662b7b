/** One skill with a file beside it (SEP-2640). */
import { memorySkillFiles, SkillsExtension } from '@modelcontextprotocol/server/ext/skills';

const MANIFEST = `---
name: tidy-up
description: Puts things back where they were
---

Follow the list in [the order of things](reference/order.md).
`;

export const loadSkills = (): Promise<SkillsExtension> =>
  SkillsExtension.load(
    memorySkillFiles({
      'tidy-up/SKILL.md': MANIFEST,
      'tidy-up/reference/order.md': 'Large things first.\n',
    }),
  );
