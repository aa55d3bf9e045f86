import type { List } from '../internal/list.ts';
import { Resource, segment } from '../internal/resource.ts';
import type { CallOptions } from '../internal/transport.ts';
import type { PageInput } from './page-input.ts';

export type ApiKeyMode = 'live' | 'test';
export type ApiKeyRole = 'full' | 'send' | 'read';

export type ApiKey = {
  id: string;
  name: string;
  /** The first characters of the key, to tell keys apart. */
  prefix: string;
  mode: ApiKeyMode;
  role: ApiKeyRole;
  /** The one domain it may send from; null: any. */
  domain: string | null;
  status: 'active' | 'revoked' | 'expired';
  lastUsedAt: string | null;
  expiresAt: string | null;
  revokedAt: string | null;
  createdAt: string;
};

export type CreateApiKeyInput = {
  name: string;
  /** `test` keys only ever reach the sandbox. Default `live`. */
  mode?: ApiKeyMode | undefined;
  /** Default `full`. */
  role?: ApiKeyRole | undefined;
  /** The one domain it may send from; for keys with role `send`. */
  domain?: string | null | undefined;
  expiresAt?: string | Date | null | undefined;
};

export class ApiKeys extends Resource {
  /** `key` is in this answer and nowhere else. */
  async create(input: CreateApiKeyInput, options?: CallOptions): Promise<ApiKey & { key: string }> {
    const { rawKey, ...apiKey } = await this.request<ApiKey & { rawKey: string }>(
      { method: 'POST', path: '/api_keys', body: input },
      options,
    );
    return { ...apiKey, key: rawKey };
  }

  list(input: PageInput = {}, options?: CallOptions): List<ApiKey> {
    return this.pages('/api_keys', input, options);
  }

  revoke(id: string, options?: CallOptions): Promise<ApiKey> {
    return this.request({ method: 'PATCH', path: `/api_keys/${segment(id)}/revoke` }, options);
  }

  delete(id: string, options?: CallOptions): Promise<void> {
    return this.perform({ method: 'DELETE', path: `/api_keys/${segment(id)}` }, options);
  }
}
