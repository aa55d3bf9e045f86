import type { X509Certificate } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { ProviderHttp } from '../http.ts';
import { parseCertificate } from './signature.ts';

export type FetchedCertificate =
  | { readonly kind: 'certificate'; readonly certificate: X509Certificate }
  /** The host is Amazon's, and says that it has no such certificate. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreachable'; readonly detail: string };

export type Certificates = {
  /** `url` must be checked already. Kept for good, as a certificate's name changes with it. */
  fetch(url: string, signal: AbortSignal): Promise<FetchedCertificate>;
};

export function createCertificates(http: ProviderHttp): Certificates {
  const kept = new LRUCache<string, X509Certificate>({ max: 64 });
  return {
    async fetch(url, signal) {
      const known = kept.get(url);
      if (known) return { kind: 'certificate', certificate: known };
      const headers = { accept: '*/*' };
      const response = await http.request({ method: 'GET', url, headers }, signal);
      if (response.kind !== 'answer') return { kind: 'unreachable', detail: response.detail };
      const { status, body } = response;
      if (status === 403 || status === 404) return { kind: 'missing' };
      const certificate = status === 200 ? parseCertificate(body) : null;
      if (!certificate) return { kind: 'unreachable', detail: `HTTP ${status}, no certificate` };
      kept.set(url, certificate);
      return { kind: 'certificate', certificate };
    },
  };
}
