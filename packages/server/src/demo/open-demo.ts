import type { SignIn } from '../auth/sign-in.ts';
import type { ServerConfig } from '../config.ts';
import type { Log } from '../log.ts';
import { demoPlace } from './demo-place.ts';
import { createDemo } from './demo.ts';
import type { Demo } from './demo.ts';

/** The simulated workspace beside the database that the environment configures. */
export function openDemo(signIn: SignIn, config: ServerConfig, log: Log): Demo {
  return createDemo({
    neighbour: signIn.ground.neighbour,
    place: demoPlace(config.engine, config.dataFolder),
    engine: {
      basePath: config.basePath,
      authenticateSession: (request) => signIn.authenticate(request),
      ...(config.engine.secret !== undefined && { secret: config.engine.secret }),
      ...(config.engine.createPartitions !== undefined && {
        createPartitions: config.engine.createPartitions,
      }),
    },
    logger: log,
  });
}
