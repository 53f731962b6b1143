// Short links: Next.js asks here when no page of the product has the address.
import { toNextHandlers } from 'headwater/web';

import { openHeadwater } from '../../headwater.js';

export const { GET, HEAD } = toNextHandlers(openHeadwater);
