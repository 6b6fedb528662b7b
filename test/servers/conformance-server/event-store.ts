/** The events of a session, kept for a client that comes back for what it missed. */
import type { EventStore } from '@modelcontextprotocol/server';

type Message = Parameters<EventStore['storeEvent']>[1];

export const createEventStore = (): EventStore => {
  const events: { readonly stream: string; readonly message: Message }[] = [];
  return {
    // An id is the place in the list, after the name of its stream for whoever reads a dump.
    storeEvent: async (stream, message) => {
      events.push({ stream, message });
      return String(events.length - 1);
    },
    getStreamIdForEventId: async (id) => events[Number(id)]?.stream,
    replayEventsAfter: async (id, { send }) => {
      const stream = events[Number(id)]?.stream;
      if (stream === undefined) throw new Error('no such event');
      for (const [at, event] of events.entries()) {
        // What was stored to open a stream has no message.
        if (at <= Number(id) || event.stream !== stream || !('jsonrpc' in event.message)) continue;
        await send(String(at), event.message);
      }
      return stream;
    },
  };
};
