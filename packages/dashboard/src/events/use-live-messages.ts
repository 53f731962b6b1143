import { useEffect, useState } from 'react';

import type { EventRecordedMessage, RecordedEvent } from '@headwater/client/api';
import { EventSourceParserStream } from 'eventsource-parser/stream';

import { useApi } from '../api/use-api.ts';

export interface LiveEvents {
  /** Newest first. */
  readonly events: readonly RecordedEvent[];
  readonly state: 'connecting' | 'open' | 'lost';
}

const eventsKept = 100;
const patienceMs = 3_000;

/** What is recorded while the view is open. A stream that ends is opened again. */
export function useLiveMessages(isPaused: boolean): LiveEvents {
  const api = useApi();
  const [live, setLive] = useState<LiveEvents>({ events: [], state: 'connecting' });
  useEffect(() => {
    if (isPaused) return undefined;
    const stop = new AbortController();
    const { signal } = stop;

    async function listen(): Promise<void> {
      const response = await api.streamLive({ topics: 'events' }, { signal });
      setLive(({ events }) => ({ events, state: 'open' }));
      const messages = response
        .body!.pipeThrough(
          new TextDecoderStream() as ReadableWritablePair<string, Uint8Array<ArrayBuffer>>,
        )
        .pipeThrough(new EventSourceParserStream());
      for await (const message of messages) {
        if (message.event !== 'event_recorded') continue;
        const { event } = JSON.parse(message.data) as EventRecordedMessage;
        setLive(({ events }) => ({
          events: [event, ...events].slice(0, eventsKept),
          state: 'open',
        }));
      }
    }

    async function keepListening(): Promise<void> {
      while (!signal.aborted) {
        try {
          await listen();
        } catch {
          if (signal.aborted) return;
          setLive(({ events }) => ({ events, state: 'lost' }));
        }
        await new Promise((resolve) => setTimeout(resolve, patienceMs));
      }
    }

    void keepListening();
    return () => stop.abort();
  }, [api, isPaused]);
  return live;
}
