import { toNextHandlers } from 'headwater/web';

import { openHeadwater } from '../../../headwater.js';

export const { GET, HEAD, POST, PATCH, PUT, DELETE, OPTIONS } = toNextHandlers(openHeadwater);
