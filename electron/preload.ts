/** All that the page gets from Electron: which platform's habits to follow. The rest it fetches. */
import { contextBridge } from 'electron';

contextBridge.exposeInMainWorld('drawbridge', { platform: process.platform });
