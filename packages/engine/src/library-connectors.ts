import { changeConnector } from './connectors/change-connector.ts';
import type { ConnectorChanges } from './connectors/change-connector.ts';
import { compareClaims } from './connectors/compare-claims.ts';
import type { ClaimsInput } from './connectors/compare-claims.ts';
import { getConnector, listConnectors } from './connectors/list-connectors.ts';
import { getDispatch, listDispatches, summariseDispatches } from './connectors/list-dispatches.ts';
import type { DispatchFilterInput, ListDispatchesInput } from './connectors/list-dispatches.ts';
import { reconcileDispatches } from './connectors/reconcile-dispatches.ts';
import type { ReconcileInput } from './connectors/reconcile-dispatches.ts';
import { replayDispatches } from './connectors/replay-dispatches.ts';
import type { ReplayInput } from './connectors/replay-dispatches.ts';
import type { Context } from './context.ts';
import type { On, ReadIn, WriteIn } from './library-scope.ts';

/** `hw.connectors`. */
export function createConnectorCalls(on: On, scope: () => Context) {
  return {
    /** Every connector, with what the workspace has decided about it. Credentials are never told. */
    list: (options?: ReadIn) =>
      on(options, (context, workspace) => listConnectors(context, workspace)),
    /** One connector, with what the workspace has decided about it. */
    get: (type: string, options?: ReadIn) =>
      on(options, (context, workspace) => getConnector(context, workspace, type)),
    /** Switches a connector on: from now on conversions are sent to it. */
    enable: (type: string, changes: Omit<ConnectorChanges, 'enabled'> = {}, options?: WriteIn) =>
      on(options, (context, workspace) =>
        changeConnector(context, workspace, type, { ...changes, enabled: true }, options),
      ),
    /** Switches it off; what waits is skipped. Settings and credentials stay. */
    disable: (type: string, options?: WriteIn) =>
      on(options, (context, workspace) =>
        changeConnector(context, workspace, type, { enabled: false }, options),
      ),
    /** Changes what is given. */
    update: (type: string, changes: ConnectorChanges, options?: WriteIn) =>
      on(options, (context, workspace) =>
        changeConnector(context, workspace, type, changes, options),
      ),
    /** Stores credentials, encrypted; `null` removes one. They are never told again. */
    putCredentials: (
      type: string,
      credentials: Readonly<Record<string, string | null>>,
      options?: WriteIn,
    ) =>
      on(options, (context, workspace) =>
        changeConnector(context, workspace, type, { credentials }, options),
      ),
    /** Stores one credential, encrypted; it is never told again. */
    putCredential: (type: string, name: string, value: string, options?: WriteIn) =>
      on(options, (context, workspace) =>
        changeConnector(context, workspace, type, { credentials: { [name]: value } }, options),
      ),
    /** Goes on after a pause, where what was wrong was mended at the platform. */
    resume: (type: string, options?: WriteIn) =>
      on(options, (context, workspace) => changeConnector(context, workspace, type, {}, options)),
    /**
     * Sends what is due now, in all workspaces. `hw.start()` does it all the time; a host that runs no background work,
     * or moves its clock in tests, calls it.
     */
    deliverDue: async () => {
      const context = scope();
      // Loaded with the first work, as by the job: a start does without.
      const { deliverDispatches } = await import('./connectors/deliver-dispatches.ts');
      return deliverDispatches(context);
    },
    /** Plans conversions that nobody has planned; with `since` also those from before the connector was switched on. */
    reconcile: (input: ReconcileInput = {}, options?: ReadIn) =>
      on(options, (context, workspace) => reconcileDispatches(context, workspace, input)),
    /** Has conversions sent again, under the same event ids; `preview` only counts them. */
    replay: (input: ReplayInput = {}, options?: WriteIn) =>
      on(options, (context, workspace) => replayDispatches(context, workspace, input, options)),
    /** What each platform will claim, against what the journeys say. */
    claims: (input: ClaimsInput = {}, options?: ReadIn) =>
      on(options, (context, workspace) => compareClaims(context, workspace, input)),
    dispatches: {
      /** What was planned and what became of it, newest first. */
      list: (input: ListDispatchesInput = {}, options?: ReadIn) =>
        on(options, (context, workspace) => listDispatches(context, workspace, input)),
      /** One dispatch by its id. */
      get: (id: string, options?: ReadIn) =>
        on(options, (context, workspace) => getDispatch(context, workspace, id)),
      /** How many there are, by connector, status and reason. */
      summary: (input: DispatchFilterInput = {}, options?: ReadIn) =>
        on(options, (context, workspace) => summariseDispatches(context, workspace, input)),
      /** What would be sent now: the payload, and the request without its secrets. */
      preview: (id: string, options?: ReadIn) =>
        on(options, async (context, workspace) => {
          const { previewDispatch } = await import('./connectors/preview-dispatch.ts');
          return previewDispatch(context, workspace, id);
        }),
    },
  };
}
