import type { Context } from '../context.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import { ok, orThrow } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { listWorkspaces } from '../workspaces/list-workspaces.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { subscribeLive } from './subscribe-live.ts';
import type { LiveListener, LiveSubscription, SubscribeInput } from './subscribe-live.ts';

const pageSize = 200;

/**
 * Live messages of every workspace, also of those that are made later: for the operator's own eyes. Each workspace is
 * read by itself, so the listener may be called for several at once, and there is no position for all of them.
 */
export async function subscribeAll(
  context: Context,
  input: Pick<SubscribeInput, 'topics'>,
  listener: LiveListener,
): Promise<Result<AsyncDisposable, ValidationRefusal>> {
  const subscriptions = new Map<string, LiveSubscription>();
  let after: string | undefined;
  let isClosed = false;

  async function join(workspace: Workspace): Promise<ValidationRefusal | undefined> {
    if (isClosed || subscriptions.has(workspace.id)) return undefined;
    const subscribed = await subscribeLive(context, workspace, { ...input, after }, listener);
    if (!subscribed.ok) return subscribed;
    // A place before the first message is one for every workspace: what a later one records meanwhile is not missed.
    after ??= subscribed.value.position();
    subscriptions.set(workspace.id, subscribed.value);
    return undefined;
  }

  async function joinAll(): Promise<ValidationRefusal | undefined> {
    for (let offset = 0; ; offset += pageSize) {
      const page = orThrow(await listWorkspaces(context, { limit: pageSize, offset }));
      for (const workspace of page) {
        const refusal = await join(workspace);
        if (refusal !== undefined) return refusal;
      }
      if (page.length < pageSize) return undefined;
    }
  }

  const joined = joinAll();
  let joining = joined.then(nothing, nothing);
  const unsubscribe = context.changeLog.subscribe('workspace', (news) => {
    if (news !== 'everything' && subscriptions.has(news.workspaceId)) return;
    joining = joining.then(joinAll).then(nothing, (error: unknown) => {
      context.logger.error('A new workspace is not listened to.', { error: describeFault(error) });
    });
  });
  async function close(): Promise<void> {
    isClosed = true;
    unsubscribe();
    await joining;
    await Promise.all([...subscriptions.values()].map((subscription) => subscription.close()));
  }

  try {
    const refusal = await joined;
    if (refusal === undefined) return ok({ [Symbol.asyncDispose]: close });
    await close();
    return refusal;
  } catch (error) {
    await close();
    throw error;
  }
}

/** Only that it is over counts. */
function nothing(): void {}
