import type {
  Evaluation,
  ModelRegistration,
  NewEvaluation,
  PromotableKind,
  Promotion,
} from '@speakr/contracts/model-registry';

export interface StoredPromotion extends Promotion {
  readonly seq: number;
}

/**
 * The models of the server. The owner of the transaction is who acts; what is kept belongs to nobody's data.
 */
export interface ModelRegistryQueries {
  /** Oldest first. */
  listModels(): Promise<Required<ModelRegistration>[]>;
  /** @returns false when there is one of this id, which stays as it is */
  addModel(model: Required<ModelRegistration>): Promise<boolean>;
  removeModel(id: string): Promise<void>;
  /** Newest first. */
  evaluationsOf(model: string, limit: number): Promise<Evaluation[]>;
  addEvaluation(model: string, evaluation: NewEvaluation): Promise<Evaluation>;
  /** Newest first. */
  listPromotions(limit: number, kind?: PromotableKind): Promise<StoredPromotion[]>;
  addPromotion(
    promotion: Pick<Promotion, 'kind' | 'model' | 'previous' | 'state' | 'reason'>,
  ): Promise<StoredPromotion>;
  changePromotion(seq: number, change: { state?: Promotion['state']; progress?: number }): Promise<void>;
  /**
   * For a while nobody else exchanges models of this kind.
   * @param until ms since the Unix epoch
   * @returns whether it was free
   */
  claimKind(kind: PromotableKind, holder: string, until: number): Promise<boolean>;
  /** @returns whether the holder still had it */
  releaseKind(kind: PromotableKind, holder: string): Promise<boolean>;
}

/** What anybody in the server may look at. */
export type ModelRegistryReader = Pick<
  ModelRegistryQueries,
  'listModels' | 'evaluationsOf' | 'listPromotions'
>;
