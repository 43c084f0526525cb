import type { Problem } from './types';

/** What went wrong with a call, in a form that a view can turn into a sentence. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly sentence: string,
    readonly problems: Problem[] = [],
    readonly id = '',
  ) {
    super(`${String(status)} ${code}`);
  }

  /** The server was not reached at all. */
  get isOffline(): boolean {
    return this.status === 0;
  }
}

/** Where the bearer token comes from; `renew` is called once after a 401. */
export interface TokenSource {
  token(): string;
  renew(): Promise<void>;
}

export interface Answer<T> {
  status: number;
  data: T | null;
}

interface CallOptions {
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** JSON calls under /api/v1 with the session's bearer token. */
export class ApiClient {
  constructor(
    private readonly tokens: TokenSource,
    private readonly fetcher: Fetch = (url, init) => fetch(url, init),
  ) {}

  async get<T>(path: string, options: CallOptions = {}): Promise<T> {
    const answer = await this.call<T>('GET', path, options);
    return answer.data as T;
  }

  async send<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, options: CallOptions = {}): Promise<T> {
    const answer = await this.call<T>(method, path, options);
    return answer.data as T;
  }

  /** Like `get`, but tells 304 (data is null) from 200. */
  async call<T>(method: string, path: string, options: CallOptions = {}): Promise<Answer<T>> {
    return read<T>(await this.respond(method, path, options));
  }

  /** A file to keep, as it was sent. */
  async file(path: string): Promise<Blob> {
    const response = await this.respond('GET', path, {});
    if (!response.ok) await read(response);
    return response.blob();
  }

  private async respond(method: string, path: string, options: CallOptions): Promise<Response> {
    const first = await this.request(method, path, options);
    if (first.status !== 401) return first;
    await this.tokens.renew();
    return this.request(method, path, options);
  }

  private async request(method: string, path: string, options: CallOptions): Promise<Response> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.tokens.token()}`, ...options.headers };
    const init: RequestInit = { method, headers, credentials: 'omit', cache: 'no-store' };
    if (options.signal) init.signal = options.signal;
    if (options.body !== undefined) {
      headers['Content-Type'] = 'application/json';
      init.body = JSON.stringify(options.body);
    }
    try {
      return await this.fetcher(`/api/v1${path}`, init);
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      throw new ApiError(0, 'offline', '');
    }
  }
}

interface ErrorBody {
  error?: { code?: string; sentence?: string; problems?: Problem[]; id?: string };
}

async function read<T>(response: Response): Promise<Answer<T>> {
  if (response.status === 304 || response.status === 204) return { status: response.status, data: null };
  const body = (await response.json().catch(() => null)) as unknown;
  if (response.ok) return { status: response.status, data: body as T };
  const error = (body as ErrorBody | null)?.error;
  throw new ApiError(response.status, error?.code ?? 'unexpected', error?.sentence ?? '', error?.problems, error?.id);
}
