import { get } from './api.js';

/** What every page needs to know about the account; filled by `loadAccount`. */
export const state = {
  account: null,
  users: [],
  pipelines: [],
  lossReasons: [],
  fields: [],
  integrations: [],
  pipelineId: 0,
  card: null,
};

export async function loadAccount() {
  const known = await get('/sandbox/api/bootstrap');
  state.account = known.account;
  state.users = known.users;
  state.pipelines = known.pipelines;
  state.lossReasons = known.loss_reasons;
  state.fields = known.fields;
  state.integrations = known.integrations;
  if (!pipelineById(state.pipelineId)) state.pipelineId = (known.pipelines.find((p) => p.is_main) || known.pipelines[0])?.id || 0;
}

/** Read the list of integrations again: one may have been installed or removed from elsewhere. */
export async function loadIntegrations() {
  state.integrations = (await get('/sandbox/api/integrations')).integrations;
}

export function userById(id) {
  return state.users.find((user) => user.id === id);
}

export function pipelineById(id) {
  return state.pipelines.find((pipeline) => pipeline.id === id);
}

/** A stage by both ids: 142 and 143 repeat in every pipeline. */
export function stageOf(pipelineId, statusId) {
  return pipelineById(pipelineId)?.statuses.find((status) => status.id === statusId);
}
