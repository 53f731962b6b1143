import { toWebResponse } from './capture/web-exchange.ts';
import type { Context } from './context.ts';
import { admitEntity, getAdmission } from './gate/admit-entity.ts';
import type { AdmitInput } from './gate/admit-entity.ts';
import { checkAdmission, unavailable } from './gate/check-admission.ts';
import { gateOf } from './gate/gate.ts';
import type { Account, GateDecision } from './gate/gate.ts';
import { answerDecision, isReachable } from './gate/guard-request.ts';
import type { GuardOptions } from './gate/guard-request.ts';
import { pruneParked } from './gate/prune-parked.ts';
import type { PruneParkedInput } from './gate/prune-parked.ts';
import { redeemAtGate } from './gate/redeem-at-gate.ts';
import type { RedeemAtGateInput } from './gate/redeem-at-gate.ts';
import { readEntity } from './invitations/entity.ts';
import type { EntityInput } from './invitations/entity.ts';
import { describeFault } from './kernel/describe-fault.ts';
import type { InWorkspace, On, ReadIn, WriteIn } from './library-scope.ts';
import { isOutage } from './store/outage.ts';

/** `hw.gate`: who may come in while that takes an invitation or a code. */
export function createGateCalls(on: On, { logger }: Pick<Context, 'logger'>) {
  /** Asks, and answers no where nobody can tell: the workspace itself may be out of reach. */
  async function check(account: Account | undefined, options?: ReadIn): Promise<GateDecision> {
    // Before anything is asked: whoever runs the product comes in while the database is away.
    if (account?.isOperator === true) return { admitted: true, by: 'operator' };
    try {
      return await on(options, (scope, workspace) => checkAdmission(scope, workspace, account));
    } catch (error) {
      if (!isOutage(error))
        logger.error('The gate could not be read.', { error: describeFault(error) });
      return unavailable;
    }
  }

  return {
    /** Whether the gate is shut, since when, and whether it lets in who was there before. */
    status: (options?: ReadIn) =>
      on(options, (_scope, workspace) => Promise.resolve(gateOf(workspace))),
    /** Whether an account may come in; `undefined` is somebody who is not signed in. Never throws: no answer is a no. */
    check,
    /** Redeems a code for an account that stands before the gate. One answer for every code that cannot be used. */
    redeem: (input: RedeemAtGateInput, options?: WriteIn) =>
      on(options, (scope, workspace) => redeemAtGate(scope, workspace, input, options)),
    /** Lets an account in for good, in the host's words. The first time and reason stay. */
    admit: (input: AdmitInput, options?: WriteIn) =>
      on(options, (scope, workspace) => admitEntity(scope, workspace, input, options)),
    /** When and by what an account was let in for good. */
    admission: (entity: EntityInput, options?: ReadIn) =>
      on(options, async (scope, workspace) => {
        const read = readEntity(entity);
        return 'problem' in read
          ? undefined
          : getAdmission(scope.database.db, workspace, read.entity);
      }),
    /** Has accounts switched off that have stood before the gate for too long. */
    pruneParked: <Of extends Account>(input: PruneParkedInput<Of>, options?: InWorkspace) =>
      on(options, (scope, workspace) => pruneParked(scope, workspace, input)),
    /**
     * The guard for frameworks that speak `Request`: answers what is not let through, `undefined` for what is. For Node
     * there is middleware (`headwater/node`).
     *
     * @example
     * const refused = await guard(request);
     * if (refused !== undefined) return refused;
     */
    guard:
      (options: GuardOptions<Request>) =>
      async (request: Request): Promise<Response | undefined> => {
        const url = new URL(request.url);
        const target = url.pathname + url.search;
        if (isReachable(target, options)) return undefined;
        const { workspaceId } = options;
        const account = await options.account(request);
        const decision = await check(account, workspaceId === undefined ? {} : { workspaceId });
        const accept = request.headers.get('accept') ?? undefined;
        const asked = { method: request.method, target, accept };
        const refused = answerDecision(decision, asked, options);
        return refused && toWebResponse(refused);
      },
  };
}
