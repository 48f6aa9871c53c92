// What the server sends: short names for what types.gen.ts has from the OpenAPI document (make openapi).
// Only client.ts uses these: pages know src/model.
import type { components } from './types.gen.ts';

type Schemas = components['schemas'];

export type WireCity = Schemas['City'];
export type WireUnit = Schemas['UnitProperties'];
export type WireMicroGrid = Schemas['MicroGridProperties'];
export type WireStation = Schemas['StationProperties'];
export type WireNearStation = Schemas['NearestProperties'];
export type WireNearest = Schemas['NearestCollection'];
export type WireFigures = Schemas['UnitCoverageReport'];
export type WireCoverage = Schemas['CoverageReport'];
// Proxies answer for the server at times: nothing of a problem can be relied on.
export type WireProblem = Partial<Schemas['Problem']>;
export type WireChange = Schemas['ChangeEvent'];
export type WireTiles = Schemas['TilesEvent'];

/** A feature of any collection. */
export type WireFeature<P> = Omit<Schemas['UnitFeature'], 'geometry' | 'properties'> & {
  geometry: Schemas['AreaGeometry'] | Schemas['PointGeometry'] | null;
  properties: P;
};

/** A page of any collection. */
export type WirePage<P> = Omit<Schemas['UnitCollection'], 'features'> & { features: WireFeature<P>[] };
export type WireCommunitySummary = Schemas['CommunitySummary'];
export type WireCommunity = Schemas['CommunityReport'];
export type WireCommunityHistory = Schemas['CommunityHistory'];
export type WireCommunityState = Schemas['CommunityState'];
export type WireCommunityDifference = Schemas['CommunityDifference'];
export type WireBlame = Schemas['BlameCollection'];
export type WireComments = Schemas['CommentList'];
export type WireLease = Schemas['LeaseReport'];
export type WireLeaders = Schemas['CommunityStewards'];
export type WireSteward = Schemas['Steward'];
export type WireSession = Schemas['SessionReport'];
export type WireAccount = Schemas['AccountReport'];
export type WireGrant = Schemas['GrantReport'];
export type WireUsers = Schemas['UserListReport'];
export type WireToken = Schemas['TokenReport'];
export type WireNewToken = Schemas['NewTokenReport'];
export type WireTokens = Schemas['TokenListReport'];
export type WireTotp = Schemas['TOTPReport'];
export type WireConfirmedTotp = Schemas['ConfirmedTOTPReport'];
export type WireAudit = Schemas['AuditReport'];
export type WireApplied = Schemas['AppliedReport'];
export type WireHistory = Schemas['HistoryReport'];
export type WireHours = Schemas['CoverageHoursReport'];
export type WireGaps = Schemas['GapCollection'];
export type WireJob = Schemas['JobReport'];
export type WireNewReport = Schemas['NewReportBody'];
export type WireRiderReport = Schemas['RiderReportReport'];
export type WireRiderReports = Schemas['RiderReportListReport'];
export type WireStaffReport = Schemas['StaffReportReport'];
export type WireReportPage = Schemas['ReportPageReport'];
export type WireReportDetail = Schemas['ReportDetailReport'];
export type WireReportStatistics = Schemas['ReportStatisticsReport'];
export type WireReportCounts = Schemas['ReportCountsReport'];
export type WireHandlers = Schemas['HandlerListReport'];
export type WireRiderContact = Schemas['RiderContactReport'];
export type WireScenario = Schemas['ScenarioReport'];
export type WireScenarioPage = Schemas['ScenarioPageReport'];
export type WireComparison = Schemas['ComparisonReport'];
export type WireDifference = Schemas['DifferenceReport'];
export type WireExplanation = Schemas['ExplanationReport'];
export type WireImport = Schemas['ImportReport'];
export type WireImportProblem = Schemas['ImportProblem'];
export type WireImportChange = Schemas['ImportChange'];
export type WireImportDuplicate = Schemas['ImportDuplicate'];
export type WireImportFault = Schemas['ImportFault'];
export type WireImportSample = Schemas['ImportSample'];
export type WireGapList = Schemas['GapListReport'];
export type WireTrend = Schemas['TrendReport'];
export type WireIndicators = Schemas['IndicatorListReport'];
export type WireIndicator = Schemas['IndicatorReport'];
export type WireValues = Schemas['ValuesReport'];
export type WireValueAreas = Schemas['ValueCollection'];
export type WireFigureTable = Schemas['FigureTableReport'];
export type WireRanking = Schemas['CoverageRankingReport'];
export type WirePlaceLayers = Schemas['PlaceLayerListReport'];
export type WirePlaceLayerHead = Schemas['PlaceLayerHeadReport'];
export type WirePlaceLayer = Schemas['PlaceLayerReport'];
export type WirePlaceTable = Schemas['PlaceTableReport'];
