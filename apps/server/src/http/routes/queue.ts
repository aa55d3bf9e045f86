import { Queue } from '@courierx/contract';
import type { FastifyInstance } from 'fastify';
import { getQueue } from '../../services/queue/get.ts';
import type { HttpDeps } from '../deps.ts';

export function addQueueRoutes(app: FastifyInstance, { services }: HttpDeps): void {
  app.get('/queue', { schema: { response: { 200: Queue } } }, (request) =>
    getQueue(services, request.principal),
  );
}
