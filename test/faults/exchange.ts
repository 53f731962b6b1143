import { Agent, request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Question {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly patienceMilliseconds: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

/** A request with whatever `Host` it names, which `fetch` does not let it do. Rejects when no whole answer comes in time. */
export function exchange(address: string, question: Question): Promise<Answer> {
  const { method, headers, body, patienceMilliseconds } = question;
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(patienceMilliseconds);
    const asked = request(address, { method, headers, agent, signal }, (answer) => {
      const chunks: string[] = [];
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.complete)
          resolve({ status: answer.statusCode!, headers: answer.headers, text: chunks.join('') });
        else reject(new Error('the answer is not whole'));
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
