// Loaded with `--import`: ends the process when the one that started it is gone, however that
// ended. The two are tied by a pipe at descriptor 3, which the system closes.
import { Socket } from 'node:net';

const tie = new Socket({ fd: 3, readable: true, writable: false });
tie.on('close', () => process.kill(process.pid, 'SIGKILL'));
tie.resume();
tie.unref();
