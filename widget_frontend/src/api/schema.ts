/** The API's shapes. Generated from openapi.json by `npm run types`. */
export interface components {
  schemas: {
    Trigger: {
      kind: string;
      direction: 'incoming' | 'outgoing' | null;
      least_seconds: number;
      subject: string;
      value: string;
      contains: string;
    };
  };
}
