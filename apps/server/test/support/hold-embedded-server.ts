import { EmbeddedServerError, startEmbeddedServer } from '../../src/db/embedded/server.ts';

/** A process that runs an embedded server until SIGTERM and tells its parent what came of it. */
const dataDir = process.argv[2] ?? '';

try {
  const server = await startEmbeddedServer({ dataDir });
  const end = () => void server.stop().then(() => process.exit(0));
  process.on('SIGTERM', end);
  // The run was aborted.
  process.on('disconnect', end);
  process.send?.({ connection: server.connection, adopted: server.adopted });
} catch (error) {
  if (!(error instanceof EmbeddedServerError)) throw error;
  process.send?.({ code: error.code, message: error.message });
  process.disconnect();
}
