export {
  createApi,
  type Answer,
  type Api,
  type Input,
  type ListName,
  type OperationName,
  type PagedName,
} from './api-client.ts';
export { ApiConnectionError, ApiError } from './api-error.ts';
export type { ApiOptions, RequestOptions } from './send-request.ts';
export type * from './api-types.ts';
