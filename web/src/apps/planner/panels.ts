// What the inspector can show of a community. A panel is one line here and one component; it draws on the map
// through `planner.map`.
import type { Component } from 'svelte';
import type { PanelName } from '../../model/planner.ts';
import EditorPanel from './EditorPanel.svelte';
import HistoryPanel from './HistoryPanel.svelte';
import LeadersPanel from './LeadersPanel.svelte';
import ReviewPanel from './ReviewPanel.svelte';
import type { PlannerState } from './state.svelte.ts';

export interface Panel {
  name: PanelName;
  component: Component<{ planner: PlannerState }>;
}

export const panels: readonly Panel[] = [
  { name: 'edit', component: EditorPanel },
  { name: 'review', component: ReviewPanel },
  { name: 'history', component: HistoryPanel },
  { name: 'leaders', component: LeadersPanel },
];
