import { answer, defineRoute } from '../http/route.ts';
import { given } from '../kernel/given.ts';
import { renameFields } from '../kernel/validation.ts';
import { privacyStatement } from './describe-storage.ts';
import { openExport } from './export-person.ts';
import type { ExportHead, ExportLine } from './export-person.ts';
import { forgetPerson } from './forget-person.ts';
import { liftErasure } from './lift-erasure.ts';
import {
  erasureResponse,
  exportLine,
  liftParams,
  liftResponse,
  personReferenceParams,
  statementResponse,
  toErasureResponse,
  toNamedPerson,
  toPersonReference,
  toStatementResponse,
  wireNames,
} from './privacy-schema.ts';

const ndjson = 'application/x-ndjson';

const exportRoute = defineRoute({
  method: 'post',
  path: '/privacy/export',
  operationId: 'exportPerson',
  tag: 'Privacy',
  summary: 'Everything that is stored of a person',
  description:
    'One JSON document for each line: first the head, then each row with the table that it is from. A POST, so that no email stands in an address; nothing of the answer is kept.',
  scope: 'admin',
  body: personReferenceParams,
  // There is no effect to be done once, and the answer must not be stored under a key.
  idempotency: 'event',
  responses: { 200: { description: 'The rows', contents: { [ndjson]: exportLine } } },
  refusals: ['validation_failed', 'visitor_not_found'],
  async handle(context, workspace, { body }) {
    const opened = await openExport(context, workspace, toPersonReference(body));
    if (!opened.ok) return renameFields(opened, wireNames);
    const { head, lines } = opened.value;
    return answer(200, undefined, {
      content: ReadableStream.from(toNdjson(head, lines)),
      headers: { 'content-type': ndjson },
    });
  },
});

async function* toNdjson(
  head: ExportHead,
  lines: AsyncIterable<ExportLine>,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  yield encoder.encode(`${JSON.stringify(head)}\n`);
  for await (const line of lines) yield encoder.encode(`${JSON.stringify(line)}\n`);
}

const forget = defineRoute({
  method: 'post',
  path: '/privacy/forget',
  operationId: 'forgetPerson',
  tag: 'Privacy',
  summary: 'Erase a person from every table',
  description:
    'Totals of links stay. The answer is the receipt, which names nobody; asked again, it is the same one. No replay brings the person back.',
  scope: 'admin',
  body: personReferenceParams,
  idempotency: 'resumed',
  responses: { 200: { description: 'The receipt', schema: erasureResponse } },
  refusals: ['validation_failed', 'visitor_not_found'],
  async handle(context, workspace, { body, actor }) {
    const forgotten = await forgetPerson(
      context,
      workspace,
      toPersonReference(body),
      given({ actor }),
    );
    return forgotten.ok
      ? answer(200, toErasureResponse(forgotten.value))
      : renameFields(forgotten, wireNames);
  },
});

const lift = defineRoute({
  method: 'post',
  path: '/privacy/lift',
  operationId: 'liftErasure',
  tag: 'Privacy',
  summary: 'Let somebody who was erased come back',
  description:
    'Only at their own will: the identifiers may be used again, by somebody new. What was erased stays erased.',
  scope: 'admin',
  body: liftParams,
  responses: { 200: { description: 'What was kept out until now', schema: liftResponse } },
  refusals: ['validation_failed'],
  async handle(context, workspace, { body, options }) {
    const lifted = await liftErasure(context, workspace, toNamedPerson(body), options);
    return lifted.ok ? answer(200, { kinds: lifted.value.kinds }) : renameFields(lifted, wireNames);
  },
});

const statement = defineRoute({
  method: 'get',
  path: '/privacy/statement',
  operationId: 'getPrivacyStatement',
  tag: 'Privacy',
  summary: 'What is stored of people under the settings of the workspace',
  scope: 'read',
  responses: { 200: { description: 'The statement', schema: statementResponse } },
  async handle(_context, workspace) {
    return answer(200, toStatementResponse(privacyStatement(workspace)));
  },
});

export const privacyRoutes = [exportRoute, forget, lift, statement];
