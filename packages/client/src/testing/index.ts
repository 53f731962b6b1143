export {
  createFakeServer,
  type FakeServer,
  type ReceivedRequest,
  type ScriptedAnswer,
  type ScriptLine,
} from './fake-server.ts';
export { createFakeTime, type FakeTime } from './fake-time.ts';
