/** The pieces that the suite's tools, prompts and resources are made of. */

/** A picture of one red pixel. */
export const PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';

/** A recording of silence: the head of a WAV file, and no samples. */
const RECORDING = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=';

export const text = (value: string) => ({ type: 'text' as const, text: value });

export const picture = { type: 'image' as const, data: PICTURE, mimeType: 'image/png' };

export const recording = { type: 'audio' as const, data: RECORDING, mimeType: 'audio/wav' };

export const embedded = (uri: string, mimeType: string, value: string) => ({
  type: 'resource' as const,
  resource: { uri, mimeType, text: value },
});

/** What a tool answers that has only something to say. */
export const says = (value: string) => ({ content: [text(value)] });
