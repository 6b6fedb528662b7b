/**
 * Keeps zod from compiling its checks with `new Function`, which the content policy forbids.
 *
 * zod decides when a schema is made, so this must be imported before any module that makes one.
 */
import { z } from 'zod';

z.config({ jitless: true });
