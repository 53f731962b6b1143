import type { Headwater } from 'headwater';

import type { ServerConfig } from '../config.ts';
import type { Log } from '../log.ts';
import { createSignIn } from './sign-in.ts';
import type { SignIn } from './sign-in.ts';

/** Sign-in as the environment configures it. */
export function openSignIn(hw: Headwater, config: ServerConfig, log: Log): SignIn {
  const { basePath, publicUrl, mail, oidc } = config;
  const schema = config.engine.schema ?? 'headwater';
  return createSignIn(hw, { basePath, publicUrl, mail, oidc, schema, logger: log });
}
